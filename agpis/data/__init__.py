"""What comes from outside: catalogues of products, and AGPIS-data, the reviewed sequences."""
