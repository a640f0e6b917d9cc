// the script of the widget
