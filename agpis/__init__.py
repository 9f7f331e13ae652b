"""AGPIS: automatic generation of product-image sequences for e-commerce.

`import agpis` is light: models load when they are used.
"""

__version__ = "0.1.0"
