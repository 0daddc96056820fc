def greet(name):
    return name


def leave(name:
    return name  # broken
