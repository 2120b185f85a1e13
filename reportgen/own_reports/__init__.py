"""own_reports"""
