"""vectorized"""
