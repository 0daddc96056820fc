# Two customers, two carts. Why does Grace pay for Ada's coffee?

def add_item(name, price, cart=[]):
    cart.append((name, price))
    return cart


def total(cart):
    return sum(price for _, price in cart)


ada = add_item("coffee", 4.50)
grace = add_item("tea", 3.00)

print("Ada:  ", ada)
print("Grace:", grace)

assert total(grace) == 3.00, f"Grace should pay 3.00 but is charged {total(grace):.2f}"
