#include <iostream>
#include <map>
#include <string>
#include <vector>

class Stock {
  std::map<std::string, int> pieces;

public:
  void add(const std::string &what, int count) { pieces[what] += count; }
  bool has(const std::string &what) { return pieces[what] > 0; }
  std::size_t kinds() const { return pieces.size(); }
};

int main() {
  Stock stock;
  stock.add("coffee", 12);
  stock.add("tea", 7);
  std::cout << "Kinds in stock: " << stock.kinds() << '\n';

  for (const std::string wish : {"tea", "cocoa", "milk", "coffee"}) {
    std::cout << wish << ": " << (stock.has(wish) ? "yes" : "sold out") << '\n';
  }

  // Nobody brought anything, customers only asked. Where do the new kinds come from?
  std::cout << "Kinds in stock: " << stock.kinds() << '\n';
  if (stock.kinds() != 2) {
    std::cerr << "The stock changed while nobody touched it.\n";
    return 1;
  }
}
