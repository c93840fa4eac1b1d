// A program that knows nothing of goose: iostream, containers, exceptions through several frames,
// run-time types, static constructors and destructors.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

struct Announcer {
    Announcer() { std::cout << "constructed before main\n"; }
    ~Announcer() { std::cout << "destroyed after main\n"; }
} announcer;

struct Shape {
    virtual ~Shape() = default;
};
struct Square : Shape {};

struct Guard {
    ~Guard() { std::cout << "unwound\n"; }
};

static void fail(int depth) {
    Guard guard;
    if (depth == 0) {
        throw std::out_of_range("thrown from below");
    }
    fail(depth - 1);
}

int main() {
    try {
        fail(2);
    } catch (const std::exception& error) {
        std::cout << "caught: " << error.what() << '\n';
    }
    try {
        (void) std::vector<int>(3).at(5);
    } catch (const std::out_of_range&) {
        std::cout << "at() checked\n";
    }

    std::map<std::string, int> count;
    std::istringstream words("the goose and the gander and the gosling");
    for (std::string word; words >> word;) {
        count[word]++;
    }
    for (const auto& [word, times] : count) {
        std::cout << word << ' ' << times << '\n';
    }

    std::unique_ptr<Shape> shape = std::make_unique<Square>();
    std::cout << (dynamic_cast<Square*>(shape.get()) ? "square" : "shape") << '\n';

    std::ofstream("/tmp/streams.txt") << 3.25 << ' ' << std::hex << 255 << '\n';
    double number;
    std::string rest;
    std::ifstream("/tmp/streams.txt") >> number >> rest;
    std::cout << number << ' ' << rest << std::endl;
}
