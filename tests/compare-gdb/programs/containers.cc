// SPDX-License-Identifier: BSD-2-Clause
// The C++ library's containers and smart pointers, each with something in it.
#include <any>
#include <array>
#include <bitset>
#include <chrono>
#include <complex>
#include <deque>
#include <forward_list>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <stack>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

struct point {
	int x, y;
};

struct person {
	std::string name;
	std::vector<int> marks;
	std::map<std::string, int> ages;
	std::unique_ptr<point> at;
};

static int stop(const std::string &text, const std::vector<int> &list)
{
	return (int)text.size() + (int)list.size();
}

int main()
{
	std::string empty;
	std::string word = "word";
	std::string longer(40, 'x');
	std::string line = "a line that is too long for the object itself\n";
	std::wstring wide = L"wide";
	std::u16string sixteen = u"sixteen";
	std::string_view view = word;
	std::vector<int> none;
	std::vector<int> numbers = {1, 2, 3, 4, 5};
	std::vector<std::string> words = {"one", "two", "three"};
	std::vector<bool> bits = {true, false, true, true};
	std::vector<std::vector<int>> nested = {{1}, {2, 3}};
	std::vector<point> points = {{1, 2}, {3, 4}};
	std::array<int, 3> three = {7, 8, 9};
	std::deque<int> deque;
	std::list<int> list = {1, 2, 3};
	std::list<int> no_list;
	std::forward_list<int> forward = {4, 5};
	std::map<int, std::string> map = {{1, "one"}, {2, "two"}, {3, "three"}};
	std::map<std::string, int> by_name = {{"a", 1}, {"b", 2}};
	std::map<std::string, std::vector<int>> deep = {{"k", {1, 2}}};
	std::map<int, int> no_map;
	std::multimap<int, int> multi = {{1, 2}, {1, 3}};
	std::set<int> set = {3, 1, 2};
	std::multiset<char> letters = {'b', 'a', 'b'};
	std::unordered_map<int, std::string> hashed = {{1, "one"}};
	std::unordered_set<int> hashed_set = {5};
	std::unordered_multimap<int, int> hashed_multi = {{1, 1}};
	std::pair<int, double> pair = {1, 2.5};
	std::tuple<> no_tuple;
	std::tuple<int, std::string, double> tuple = {1, "two", 3.5};
	std::optional<int> maybe = 5;
	std::optional<std::string> perhaps;
	std::variant<int, std::string> variant = std::string("held");
	std::variant<int, double> other = 1;
	std::any any = 5;
	std::any no_any;
	std::unique_ptr<int> unique(new int(42));
	std::unique_ptr<point> owner(new point{5, 6});
	std::unique_ptr<int[]> block(new int[3]{1, 2, 3});
	std::unique_ptr<int> nothing;
	std::shared_ptr<point> shared(new point{7, 8});
	std::shared_ptr<point> same = shared;
	std::shared_ptr<int> made = std::make_shared<int>(3);
	std::weak_ptr<point> weak = shared;
	std::shared_ptr<int> no_shared;
	std::bitset<10> flags(5);
	std::complex<double> complex(1, -2);
	std::chrono::seconds seconds(5);
	std::chrono::milliseconds milliseconds(1500);
	std::stack<int> stack;
	std::queue<int> queue;
	std::priority_queue<int> heap;
	std::function<int(int)> function = [](int x) { return x; };
	std::vector<int>::iterator at = numbers.begin() + 1;
	std::map<int, std::string>::iterator map_at = map.begin();
	std::list<int>::iterator list_at = list.begin();
	std::reference_wrapper<int> wrapped = numbers[0];
	std::initializer_list<int> initial = {1, 2};
	person someone{"Ann", {1, 2}, {{"x", 1}}, std::unique_ptr<point>(new point{1, 1})};
	std::vector<int> many(300, 1);

	for (int i = 0; i < 5; i++) {
		deque.push_back(i);
		stack.push(i);
		queue.push(i);
		heap.push(i);
	}
	for (int i = 0; i < 300; i++)
		many[i] = i;
	return stop(word, numbers) + *at + map_at->first + *list_at + (int)initial.size() + numbers[1] + points[1].x + shared->x + owner->y + (*maybe) + map[2].size() + line.size() + function(1) + list.size() + *made;
}
