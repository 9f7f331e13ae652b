"""The method over a whole catalogue: taken in, run product by product, resumed after any interruption, handed on."""
