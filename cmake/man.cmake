# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#
# Manual pages are written in scdoc's language, and built and installed where scdoc is.
find_program(SCDOC NAMES scdoc)
if(SCDOC)
	file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.scd)
	file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man)
	foreach(source IN LISTS pages)
		get_filename_component(page ${source} NAME_WLE)
		string(REGEX MATCH "[0-9]$" section ${page})
		add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/man/${page}
			COMMAND sh -c "${SCDOC} <${source} >${CMAKE_BINARY_DIR}/man/${page}"
			DEPENDS ${source} VERBATIM)
		list(APPEND built_pages ${CMAKE_BINARY_DIR}/man/${page})
		install(FILES ${CMAKE_BINARY_DIR}/man/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
	endforeach()
	add_custom_target(man ALL DEPENDS ${built_pages})
endif()
