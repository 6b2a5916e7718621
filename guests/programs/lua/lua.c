/* The interpreter: runs the script that its first argument names. */

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#include <stdio.h>

/* The exception that longjmp throws. */
__asm__(".globl __c_longjmp\n.tagtype __c_longjmp i32\n__c_longjmp:\n");

int main(int count, char **arguments) {
    lua_State *state = luaL_newstate();
    if (state == NULL || count < 2) {
        fputs("usage: lua SCRIPT [ARGUMENTS]\n", stderr);
        return 1;
    }
    luaL_openlibs(state);
    lua_createtable(state, count - 2, 0);
    for (int i = 2; i < count; ++i) {
        lua_pushstring(state, arguments[i]);
        lua_rawseti(state, -2, i - 1);
    }
    lua_setglobal(state, "arg");
    int failed = luaL_loadfile(state, arguments[1]) || lua_pcall(state, 0, 0, 0);
    if (failed) fprintf(stderr, "%s\n", lua_tostring(state, -1));
    lua_close(state);
    return failed;
}
