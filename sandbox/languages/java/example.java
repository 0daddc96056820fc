import java.util.List;

public class Main {
  record Order(Integer expected, Integer delivered) {
    boolean isComplete() {
      return expected == delivered;
    }
  }

  public static void main(String[] args) {
    var orders = List.of(new Order(12, 12), new Order(127, 127), new Order(128, 128));

    for (var order : orders) {
      System.out.printf("%3d of %3d  %s%n", order.delivered(), order.expected(), order.isComplete() ? "complete" : "INCOMPLETE");
    }

    // Everything was delivered. Which order does not think so, and why only that one?
    for (var order : orders) {
      if (!order.isComplete()) throw new IllegalStateException("Still waiting for " + order);
    }
  }
}
