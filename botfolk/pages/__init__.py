"""What all pages share: layout, components, rendering."""
