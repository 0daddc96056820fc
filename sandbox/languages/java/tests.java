import static org.junit.jupiter.api.Assertions.*;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class Stack {
  private final List<String> items = new ArrayList<>();

  void push(String item) {
    items.add(item);
  }

  String pop() {
    return items.remove(0);
  }
}

class StackTest {
  @Test
  void whatWasPushedLastIsPoppedFirst() {
    var stack = new Stack();
    stack.push("first");
    stack.push("second");
    assertEquals("second", stack.pop());
  }

  @Test
  void poppingFromAnEmptyStackIsAnError() {
    assertThrows(IndexOutOfBoundsException.class, () -> new Stack().pop());
  }
}
