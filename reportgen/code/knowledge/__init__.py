"""What the abstract machine knows of torch, Keras, Lightning and NumPy."""
