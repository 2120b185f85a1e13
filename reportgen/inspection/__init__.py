"""What a careful reader remarks in a program, whatever it was written for. None of it runs."""
