package bugghost;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A program like those that people run, run once when the image is made, so that what it needs of the JDK is found ready.
 * One class by itself: the launcher defines it from its file.
 */
final class Training {
  public static void main(String[] arguments) throws Exception {
    Map<String, List<Integer>> counts = new HashMap<>();
    for (int i = 0; i < 3; i++) counts.computeIfAbsent("n" + i % 2, key -> new ArrayList<>()).add(i);
    String text = counts.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).collect(Collectors.joining(", "));
    System.out.println(text + String.format(" %d %.2f %s", counts.size(), 1.5, Arrays.asList(1, 2)));
    System.out.printf("%5s|%-5s|%n", IntStream.range(0, 10).boxed().filter(i -> i % 2 == 0).toList(), "x");
    try (Scanner in = new Scanner(System.in)) {
      while (in.hasNextInt()) System.err.println(in.nextInt());
    }
    Thread thread = new Thread(() -> System.out.println(Thread.currentThread().getName()));
    thread.start();
    thread.join();
    try {
      Object nothing = counts.get("none");
      nothing.toString();
    } catch (NullPointerException expected) {
      expected.printStackTrace();
    }
    StringBuilder built = new StringBuilder();
    for (String word : "some words to sort".split(" ")) built.append(word).append(' ');
    System.out.println(built.toString().trim());
  }
}
