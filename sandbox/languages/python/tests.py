import pytest


class Stack:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)

    def pop(self):
        return self.items.pop(0)


def test_a_new_stack_is_empty():
    assert Stack().items == []


def test_what_was_pushed_last_is_popped_first():
    stack = Stack()
    stack.push("first")
    stack.push("second")
    assert stack.pop() == "second"


def test_popping_from_an_empty_stack_is_an_error():
    with pytest.raises(IndexError):
        Stack().pop()
