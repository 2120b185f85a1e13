"""marks"""
