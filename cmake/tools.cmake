# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#
# The tools see an installed libutrace and nothing else: the headers and libraries are staged, and each tool is a project of
# its own that finds them through pkg-config, as anybody's would.
include(ExternalProject)

set(stage ${CMAKE_BINARY_DIR}/stage)
file(GLOB public_headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/utrace/*.h)
add_custom_command(OUTPUT ${stage}/stamp
	COMMAND ${CMAKE_COMMAND} --install ${CMAKE_BINARY_DIR} --prefix ${stage} > ${CMAKE_BINARY_DIR}/stage.log
	COMMAND ${CMAKE_COMMAND} -E touch ${stage}/stamp
	DEPENDS utrace utrace_static ${public_headers} VERBATIM)
add_custom_target(staged DEPENDS ${stage}/stamp)

function(utrace_tool name)
	ExternalProject_Add(tool-${name}
		SOURCE_DIR ${CMAKE_SOURCE_DIR}/examples/${name}
		BINARY_DIR ${CMAKE_BINARY_DIR}/tools/${name}
		INSTALL_COMMAND ""
		BUILD_ALWAYS ON
		DEPENDS staged
		CMAKE_ARGS
			-DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}
			-DCMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER}
			-DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
			-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=${CMAKE_BINARY_DIR}/bin
			-DUTRACE_PKG_CONFIG_PATH=${stage}/${CMAKE_INSTALL_LIBDIR}/pkgconfig
			-DUTRACE_WERROR=${UTRACE_WERROR})
	install(PROGRAMS ${CMAKE_BINARY_DIR}/bin/${name} DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools
		EXCLUDE_FROM_ALL)
endfunction()

utrace_tool(mini-strace)
utrace_tool(mini-gdb)
utrace_tool(crash-catch)
