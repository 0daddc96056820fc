import java.util.List;

public class Main {
  record Pair(String name, int count) {
    int twice() {
      return count * 2;
    }
  }

  public static void main(String[] args) {
    var pairs = List.of(new Pair("größe", 2), new Pair("b", 3));
    for (var pair : pairs) {
      if (pair.count() > 2) System.out.println(pair.name() + " " + pair.twice());
      else System.out.println("few");
    }
  }
}
