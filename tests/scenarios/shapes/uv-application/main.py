print("one word")
