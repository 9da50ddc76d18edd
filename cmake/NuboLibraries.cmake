# SPDX-License-Identifier: Apache-2.0
# The libraries of Debian 12 that we build on. Each is linked by the one folder that fences it.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(pugixml REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBVIRT REQUIRED IMPORTED_TARGET libvirt libvirt-qemu)
pkg_check_modules(LIBSSH2 REQUIRED IMPORTED_TARGET libssh2)

# xmlrpc-c ships neither a CMake nor a pkg-config file.
function(nubo_xmlrpc_library name)
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE ${ARGN})
endfunction()
nubo_xmlrpc_library(xmlrpc_server_side xmlrpc_server++ xmlrpc++ xmlrpc_server xmlrpc xmlrpc_util)
nubo_xmlrpc_library(xmlrpc_client_side xmlrpc++ xmlrpc xmlrpc_util)
