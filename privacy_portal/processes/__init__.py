"""Starting, watching and stopping the product's processes; what they report of their health."""
