"""What can be set about each tool, a widget a module."""
