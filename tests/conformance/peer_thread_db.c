/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer_thread_db.c - see peer_thread_db.h. The ps_* functions are those that libthread_db looks up in the
 * program that loads it. (<proc_service.h>)
 */
#include "peer_thread_db.h"

#include <dlfcn.h>
#include <proc_service.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/reg.h>
#include <thread_db.h>

struct ps_prochandle {
	struct image_world *world;
};

struct thread_db {
	struct ps_prochandle handle;
	void *library;
	td_thragent_t *agent;
};

pid_t ps_getpid(struct ps_prochandle *handle)
{
	return utrace_process_pid(utrace_image_process(handle->world->image));
}

ps_err_e ps_pdread(struct ps_prochandle *handle, psaddr_t address, void *buffer, size_t size)
{
	ssize_t done = utrace_memory_read(utrace_image_process(handle->world->image), (uint64_t)(uintptr_t)address,
					  buffer, size, NULL);

	return done == (ssize_t)size ? PS_OK : PS_ERR;
}

ps_err_e ps_ptread(struct ps_prochandle *handle, psaddr_t address, void *buffer, size_t size)
{
	return ps_pdread(handle, address, buffer, size);
}

ps_err_e ps_pdwrite(struct ps_prochandle *handle, psaddr_t address, const void *buffer, size_t size)
{
	(void)handle, (void)address, (void)buffer, (void)size;
	return PS_ERR;
}

ps_err_e ps_ptwrite(struct ps_prochandle *handle, psaddr_t address, const void *buffer, size_t size)
{
	return ps_pdwrite(handle, address, buffer, size);
}

static int take(const struct utrace_symbol *symbol, void *data)
{
	*(uint64_t *)data = symbol->address;
	return 1;
}

ps_err_e ps_pglobal_lookup(struct ps_prochandle *handle, const char *object, const char *name, psaddr_t *address)
{
	uint64_t found;

	(void)object;
	if (utrace_symbol_each(handle->world->image, NULL, name, take, &found) != 1)
		return PS_NOSYM;
	*address = (psaddr_t)(uintptr_t)found;
	return PS_OK;
}

static bool find_thread(struct ps_prochandle *handle, lwpid_t tid, utrace_thread **thread)
{
	utrace_process *process = utrace_image_process(handle->world->image);

	return utrace_session_find_thread(utrace_process_session(process), tid, thread, NULL) == 0;
}

ps_err_e ps_lgetregs(struct ps_prochandle *handle, lwpid_t tid, prgregset_t registers)
{
	utrace_thread *thread;
	ssize_t size;

	if (!find_thread(handle, tid, &thread))
		return PS_BADLID;
	size = utrace_regset_get(thread, UTRACE_REGSET_GENERAL, registers, sizeof(prgregset_t), NULL);
	utrace_thread_unref(thread);
	return size == sizeof(prgregset_t) ? PS_OK : PS_ERR;
}

ps_err_e ps_lsetregs(struct ps_prochandle *handle, lwpid_t tid, const prgregset_t registers)
{
	(void)handle, (void)tid, (void)registers;
	return PS_ERR;
}

ps_err_e ps_lgetfpregs(struct ps_prochandle *handle, lwpid_t tid, prfpregset_t *registers)
{
	(void)handle, (void)tid, (void)registers;
	return PS_ERR;
}

ps_err_e ps_lsetfpregs(struct ps_prochandle *handle, lwpid_t tid, const prfpregset_t *registers)
{
	(void)handle, (void)tid, (void)registers;
	return PS_ERR;
}

ps_err_e ps_get_thread_area(struct ps_prochandle *handle, lwpid_t tid, int index, psaddr_t *address)
{
	uint64_t base;
	utrace_thread *thread;
	int status;

	if (!find_thread(handle, tid, &thread))
		return PS_BADLID;
	/* libthread_db names the segment register by its place in struct user. */
	status = utrace_register_get_name(thread, index == FS ? "fs_base" : "gs_base", &base, NULL);
	utrace_thread_unref(thread);
	*address = (psaddr_t)(uintptr_t)base;
	return status ? PS_ERR : PS_OK;
}

static void *function(const struct thread_db *db, const char *name)
{
	void *found = dlsym(db->library, name);

	assert_non_null(found);
	return found;
}

struct thread_db *thread_db_open(struct image_world *world)
{
	struct thread_db *db = calloc(1, sizeof(*db));
	td_err_e (*init)(void);
	td_err_e (*new_agent)(struct ps_prochandle *, td_thragent_t **);

	assert_non_null(db);
	db->handle.world = world;
	db->library = dlopen("libthread_db.so.1", RTLD_NOW);
	if (!db->library)
		fail_msg("%s", dlerror());
	*(void **)&init = function(db, "td_init");
	*(void **)&new_agent = function(db, "td_ta_new");
	assert_int_equal(init(), TD_OK);
	assert_int_equal(new_agent(&db->handle, &db->agent), TD_OK);
	return db;
}

void thread_db_close(struct thread_db *db)
{
	td_err_e (*delete_agent)(td_thragent_t *);

	*(void **)&delete_agent = function(db, "td_ta_delete");
	(void)delete_agent(db->agent);
	(void)dlclose(db->library);
	free(db);
}

static td_thrhandle_t handle_of(struct thread_db *db, unsigned long pthread)
{
	td_err_e (*map)(const td_thragent_t *, pthread_t, td_thrhandle_t *);
	td_thrhandle_t handle;

	*(void **)&map = function(db, "td_ta_map_id2thr");
	assert_int_equal(map(db->agent, pthread, &handle), TD_OK);
	return handle;
}

static td_thrinfo_t info_of(struct thread_db *db, const td_thrhandle_t *handle)
{
	td_err_e (*get)(const td_thrhandle_t *, td_thrinfo_t *);
	td_thrinfo_t info;

	*(void **)&get = function(db, "td_thr_get_info");
	assert_int_equal(get(handle, &info), TD_OK);
	return info;
}

pid_t thread_db_tid(struct thread_db *db, unsigned long pthread)
{
	td_thrhandle_t handle = handle_of(db, pthread);

	return info_of(db, &handle).ti_lid;
}

unsigned long thread_db_pthread(struct thread_db *db, pid_t tid)
{
	td_err_e (*map)(const td_thragent_t *, lwpid_t, td_thrhandle_t *);
	td_thrhandle_t handle;

	*(void **)&map = function(db, "td_ta_map_lwp2thr");
	assert_int_equal(map(db->agent, tid, &handle), TD_OK);
	return info_of(db, &handle).ti_tid;
}

/* The linker's map of the module, by its name, from the first of struct r_debug. */
static uint64_t link_map(struct thread_db *db, utrace_module *module)
{
	utrace_process *process = utrace_image_process(db->handle.world->image);
	uint64_t map;
	uint64_t words[4];
	char name[512];

	assert_int_equal(utrace_symbol_each(db->handle.world->image, NULL, "_r_debug", take, &map), 1);
	assert_int_equal(utrace_memory_read(process, map + 8, &map, 8, NULL), 8);
	while (map) {
		const char *base;

		assert_int_equal(utrace_memory_read(process, map, words, sizeof(words), NULL), sizeof(words));
		(void)utrace_memory_read_string(process, words[1], name, sizeof(name), NULL);
		base = strrchr(name, '/');
		if (base && strcmp(base, strrchr(utrace_module_name(module), '/')) == 0)
			return map;
		map = words[3];
	}
	fail_msg("no link map of %s", utrace_module_name(module));
	return 0;
}

bool thread_db_tls(struct thread_db *db, unsigned long pthread, utrace_module *module, uint64_t offset,
		   unsigned long *address)
{
	td_err_e (*get)(const td_thrhandle_t *, psaddr_t, size_t, psaddr_t *);
	td_thrhandle_t handle = handle_of(db, pthread);
	psaddr_t found = NULL;
	td_err_e status;

	*(void **)&get = function(db, "td_thr_tls_get_addr");
	status = get(&handle, (psaddr_t)(uintptr_t)link_map(db, module), offset, &found);
	assert_true(status == TD_OK || status == TD_TLSDEFER);
	*address = (unsigned long)(uintptr_t)found;
	return status == TD_OK;
}
