public class Main {
  public static void main(String[] args) {
    int total = 1 + ; // broken
    System.out.println(total);
  }
}
