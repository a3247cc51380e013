// SPDX-License-Identifier: BSD-2-Clause
// journal.cpp - a program with a bug for docs/session.md: the buffer that one thread writes to is moved away by another.
#include <condition_variable>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct Buffer {
	std::vector<std::string> lines;

	void append(const std::string &line)
	{
		lines.push_back(line);
	}
};

class Journal {
	std::unique_ptr<Buffer> buffer{new Buffer};
	std::vector<std::unique_ptr<Buffer>> full;
	std::map<std::string, int> counts;

      public:
	void write(const std::string &who, const std::string &line)
	{
		counts[who]++;
		buffer->append(who + ": " + line);
	}

	void rotate(bool last)
	{
		full.push_back(std::move(buffer));
		if (!last)
			buffer.reset(new Buffer);
	}
};

static Journal journal;
static std::mutex mutex;
static std::condition_variable changed;
static int turn;

static void wait_for_turn(int wanted)
{
	std::unique_lock<std::mutex> lock(mutex);

	changed.wait(lock, [=] { return turn == wanted; });
}

static void end_turn()
{
	std::lock_guard<std::mutex> lock(mutex);

	turn++;
	changed.notify_all();
}

static void writer()
{
	for (int i = 0; i < 3; i++) {
		wait_for_turn(2 * i);
		journal.write("writer", "line " + std::to_string(i));
		end_turn();
	}
}

static void rotator()
{
	for (int i = 0; i < 2; i++) {
		wait_for_turn(2 * i + 1);
		journal.rotate(i == 1);
		end_turn();
	}
}

int main()
{
	std::thread first(writer), second(rotator);

	first.join();
	second.join();
	std::puts("done");
	return 0;
}
