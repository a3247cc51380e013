// SPDX-License-Identifier: BSD-2-Clause
// C++ as a debugger meets it: scopes, bases, references, templates, pointers to members, objects whose type is known at run time.
#include <cstdio>

namespace shop {

int stock = 7;

namespace {
int hidden_count = 3;
}

namespace inner {
double rate = 1.5;
enum class level : unsigned char { low, middle, high };
struct pair_of {
	int first, second;
};
} // namespace inner

enum fruit { apple, pear = 5 };

class base
{
public:
	static int objects;
	base(int id) : id(id) { objects++; }
	virtual ~base() {}
	virtual int area() const { return id; }
	int id;

protected:
	short guarded = 4;

private:
	bool secret = true;
};

int base::objects;

class square : public base
{
public:
	square(int id, int side) : base(id), side(side) {}
	int area() const override
	{
		int twice = side * 2;
		return side * side + twice - twice;
	}
	int side;
};

struct named {
	const char *name = "named";
	virtual const char *label() { return name; }
};

struct both : public square, protected named {
	both() : square(9, 3) {}
	int extra = 11;
};

struct top {
	int value = 1;
	virtual ~top() {}
};
struct left : virtual top {
	int left_value = 2;
};
struct right : virtual top {
	int right_value = 3;
};
struct diamond : left, right {
	int bottom = 4;
};

template <typename T, int N = 4> struct buffer {
	T items[N];
	int used = 0;
	void push(T item) { items[used++] = item; }
	T sum() const
	{
		T total = T();
		for (int i = 0; i < used; i++)
			total += items[i];
		return total;
	}
};

template <typename T> T largest(T a, T b)
{
	return a > b ? a : b;
}

} // namespace shop

struct callbacks {
	int number = 5;
	int plus(int other) { return number + other; }
	static int twice(int value) { return value * 2; }
	typedef int word;
	using list = shop::buffer<int, 2>;
	enum kind { one, two };
	kind what = two;
	union {
		int as_int;
		float as_float;
	};
	unsigned flags : 3;
	bool ready : 1;
};

static int over(int value)
{
	return value + 1;
}
static int over(double value)
{
	return (int)value + 2;
}
static int over(const char *text)
{
	return text[0];
}

static int take(const shop::base &object, int &counter, shop::square &&moved)
{
	counter++;
	return object.area() + counter + moved.side;
}

using shop::inner::rate;

int main()
{
	shop::square plain(1, 5);
	shop::both both;
	shop::diamond diamond;
	shop::base *pointer = &both;
	shop::base &reference = both;
	const shop::base *const fixed = &plain;
	shop::named *second = new shop::named();
	shop::top *roof = &diamond;
	shop::buffer<int> numbers{};
	shop::buffer<double, 2> reals{};
	shop::inner::level level = shop::inner::level::high;
	shop::inner::level strange = (shop::inner::level)9;
	shop::fruit fruit = shop::pear;
	shop::inner::pair_of pairs[2] = {{1, 2}, {3, 4}};
	callbacks call{};
	int counter = 0;
	int &alias = counter;
	int callbacks::*member = &callbacks::number;
	int (callbacks::*method)(int) = &callbacks::plus;
	int (*function)(int) = &callbacks::twice;
	bool yes = true;
	wchar_t wide[] = L"wide";
	char16_t short_text[] = u"sixteen";
	char32_t long_text[] = U"thirty-two";
	decltype(nullptr) nothing = nullptr;
	auto lambda = [counter, &fruit](int x) { return x + counter + fruit; };

	numbers.push(3);
	numbers.push(4);
	reals.push(1.25);
	call.as_int = 1;
	call.flags = 5;
	call.ready = true;
	counter = take(both, counter, shop::square(2, 6));
	counter += over(1) + over(1.5) + over("x");
	counter += shop::largest(2, 3) + (int)shop::largest(2.5, 3.5) + numbers.sum() + (int)reals.sum();
	counter += call.plus(1) + (call.*method)(2) + call.*member + function(3) + lambda(1);
	std::printf("%d %d %s %g\n", counter, shop::hidden_count, second->label(), rate);
	return nothing == nullptr && yes && alias ? roof->value - 1 : fixed->id + pointer->id + reference.id;
}
