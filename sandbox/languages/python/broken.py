def greet(name):
    return name


def leave(name:  # broken
    return name
