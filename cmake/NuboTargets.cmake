# SPDX-License-Identifier: Apache-2.0
# nubo_layer(NAME [LINK lib...]): the static library of the folder, from all its *.cc.
function(nubo_layer name)
  cmake_parse_arguments(arg "" "" "LINK;PRIVATE_LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS *.h)
  if(sources)
    add_library(nubo_${name} STATIC ${sources} ${headers})
    target_link_libraries(nubo_${name} PUBLIC nubo_flags ${arg_LINK} PRIVATE ${arg_PRIVATE_LINK})
  else()
    add_library(nubo_${name} INTERFACE)
    target_link_libraries(nubo_${name} INTERFACE nubo_flags ${arg_LINK} ${arg_PRIVATE_LINK})
  endif()
endfunction()

# nubo_shell_text(TARGET NAME): "<folder>/NAME.h" with the text of NAME.sh as nubo::NAME, so that
# what runs on nodes is a shell file that shell tools can check.
function(nubo_shell_text target name)
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${name}.sh)
  file(READ ${name}.sh NUBO_SHELL_TEXT)
  set(NUBO_SHELL_NAME ${name})
  configure_file(${CMAKE_SOURCE_DIR}/cmake/shell_text.h.in
    ${CMAKE_CURRENT_BINARY_DIR}/generated/${folder}/${name}.h @ONLY)
  target_include_directories(nubo_${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()

# Below the prefix, and in the build tree likewise.
set(CMAKE_INSTALL_LIBDIR_NUBO lib/nubo)

# nubo_driver(NAME [LINK lib...]): a driver program and, for its tests, a library of all but main.cc.
function(nubo_driver name)
  nubo_layer(driver_${name} ${ARGN})
  add_executable(nubo_${name} main.cc)
  set_target_properties(nubo_${name} PROPERTIES OUTPUT_NAME ${name}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR_NUBO}/drivers)
  target_link_libraries(nubo_${name} PRIVATE nubo_driver_${name})
  install(TARGETS nubo_${name} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBDIR_NUBO}/drivers)
endfunction()
