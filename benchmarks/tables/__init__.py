"""The paper's Tables 2 and 3, trained again (sections 4.3 to 4.5)."""
