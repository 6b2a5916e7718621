// Package bluecrab is the module ABI, version 1, for Go: see docs/abi.md.
package bluecrab

import (
	"fmt"
	"strings"
	"unsafe"
)

// Response is what a function answers.
type Response struct {
	Status     int
	Head, Body []byte
}

// Typed returns a response with a body of this media type.
func Typed(status int, mediaType string, body []byte) Response {
	head := `{"headers":[["content-type","` + mediaType + `"]]}`
	return Response{Status: status, Head: []byte(head), Body: body}
}

// Output is what a function writes for one of its outputs. Kind is bytes, text or json.
type Output struct {
	Name, Kind string
	Content    []byte
}

// Outputs returns a response with outputs. Several of one name are several messages, in this order.
func Outputs(outputs ...Output) Response {
	response := Response{Status: 200}
	parts := make([]string, len(outputs))
	for i, output := range outputs {
		const format = `{"name":"%s","kind":"%s","offset":%d,"length":%d}`
		parts[i] = fmt.Sprintf(format, output.Name, output.Kind, len(response.Body), len(output.Content))
		response.Body = append(response.Body, output.Content...)
	}
	response.Head = []byte(`{"outputs":[` + strings.Join(parts, ",") + `]}`)
	return response
}

// Level is the level of a log entry.
type Level uint32

// The levels of docs/abi.md, section 5.
const (
	Trace Level = iota
	Debug
	Information
	Warning
	Error
	Critical
)

//go:wasmimport bluecrab log
func log(level uint32, text unsafe.Pointer, length uint32)

// Log writes one entry into the log of the running invocation.
func Log(level Level, text string) {
	log(uint32(level), unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}

const alignment = 16

// The library points to these buffers where the garbage collector cannot see it, so the variables keep them alive.
var (
	buffers = map[unsafe.Pointer][]byte{}
	last    Response
	record  struct{ status, head, headLength, body, bodyLength uint32 }
)

//go:wasmexport bluecrab_alloc
func alloc(length uint32) unsafe.Pointer {
	last = Response{}
	room := make([]byte, int(length)+alignment)
	offset := -uintptr(unsafe.Pointer(unsafe.SliceData(room))) % alignment
	buffer := room[offset:][:length]
	pointer := unsafe.Pointer(unsafe.SliceData(buffer))
	buffers[pointer] = buffer
	return pointer
}

// Pointer is an address that the library passes to the module.
type Pointer = unsafe.Pointer

// Run is the body of an export: it calls a function with the request that the library wrote, and stores the response.
func Run(function func(head, body []byte) Response, head, body Pointer) Pointer {
	last = function(buffers[head], buffers[body])
	clear(buffers)
	record.status = uint32(last.Status)
	record.head, record.headLength = location(last.Head)
	record.body, record.bodyLength = location(last.Body)
	return Pointer(&record)
}

func location(bytes []byte) (pointer, length uint32) {
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(bytes)))), uint32(len(bytes))
}
