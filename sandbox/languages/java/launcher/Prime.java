package bugghost;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A little of what most programs use, and something to warn of: compiled once when the image is made. */
class Prime {
  interface Shape {
    double area();
  }

  record Square(double side) implements Shape {
    public double area() {
      return side * side;
    }
  }

  public static void main(String[] args) {
    Map<String, List<Integer>> counts = new HashMap<>();
    for (int i = 0; i < 3; i++) counts.computeIfAbsent("n" + i % 2, key -> new ArrayList<>()).add(i);
    String text = counts.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).collect(Collectors.joining(", "));
    List raw = new ArrayList();
    raw.add(1);
    Shape shape = new Square(2);
    System.out.println(text + " " + shape.area() + String.format(" %d", counts.size()));
  }
}
