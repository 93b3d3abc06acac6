"""What stands behind `botfolk.http`: the connections, and which addresses they may reach."""
