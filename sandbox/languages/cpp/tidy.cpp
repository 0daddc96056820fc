#include <iostream>
#include <vector>
template <typename T> class Stack {
  std::vector<T> items;

public:
  void push(T item) { items.push_back(std::move(item)); }
  auto size() const { return items.size(); }
};
int main() {
  Stack<int> stack;
  for (auto n : {1, 2, 3}) {
    stack.push(n * 2);
  }
  std::cout << "größe " << stack.size() << '\n';
}
