;; A module that keeps every rule of the ABI. The tests in broken.rs break one rule at a time.
(module
  (import "bluecrab" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "{\22headers\22:[[\22content-type\22,\22text/plain\22]]}")
  (global $next (mut i32) (i32.const 1024))

  (func (export "bluecrab_alloc") (param $length i32) (result i32)
    (local $at i32)
    (local $pages i32)
    (local.set $at (global.get $next))
    (global.set $next
      (i32.and (i32.add (i32.add (local.get $at) (local.get $length)) (i32.const 15)) (i32.const -16)))
    (local.set $pages (i32.shr_u (i32.add (global.get $next) (i32.const 65535)) (i32.const 16)))
    (if (i32.gt_u (local.get $pages) (memory.size))
      (then
        (if (i32.eq (memory.grow (i32.sub (local.get $pages) (memory.size))) (i32.const -1))
          (then (return (i32.const 0))))))
    (local.get $at))

  (func (export "echo")
    (param $head i32) (param $head_length i32) (param $body i32) (param $body_length i32) (result i32)
    (i32.store (i32.const 16) (i32.const 200))
    (i32.store (i32.const 20) (i32.const 64))
    (i32.store (i32.const 24) (i32.const 43))
    (i32.store (i32.const 28) (local.get $body))
    (i32.store (i32.const 32) (local.get $body_length))
    (global.set $next (i32.const 1024))
    (i32.const 16))

  (func (export "panic") (param i32 i32 i32 i32) (result i32)
    (call $log (i32.const 5) (i32.const 64) (i32.const 9))
    unreachable)

  (@custom "bluecrab.functions.v1" "{\22name\22:\22echo\22,\22export\22:\22echo\22,\22head\22:[\22params\22],\22trigger\22:{\22type\22:\22httpTrigger\22}}\0a")
  (@custom "bluecrab.functions.v1" "{\22name\22:\22panic\22,\22export\22:\22panic\22,\22trigger\22:{\22type\22:\22httpTrigger\22}}\0a"))
