"""What a user would pick instead, over the same data: started and measured beside ours."""
