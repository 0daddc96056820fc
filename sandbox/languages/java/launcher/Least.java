package bugghost;

/** What every waiting compiler compiles: enough to have the compiler's tables filled. More would cost every sandbox more than it saves a run. */
class Least {
  public static void main(String[] args) {
    System.out.println("arguments: " + args.length);
  }
}
