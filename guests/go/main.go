// The functions echo, multiply, panic and shout in Go.
package main

import (
	"encoding/json"
	"strings"

	"functions/bluecrab"
)

func main() {}

const npyType = "application/x-npy"

//go:wasmexport echo
func exportEcho(head bluecrab.Pointer, _ uint32, body bluecrab.Pointer, _ uint32) bluecrab.Pointer {
	return bluecrab.Run(echo, head, body)
}

//go:wasmexport multiply
func exportMultiply(head bluecrab.Pointer, _ uint32, body bluecrab.Pointer, _ uint32) bluecrab.Pointer {
	return bluecrab.Run(answerProduct, head, body)
}

//go:wasmexport panic
func exportPanic(head bluecrab.Pointer, _ uint32, body bluecrab.Pointer, _ uint32) bluecrab.Pointer {
	return bluecrab.Run(func(_, _ []byte) bluecrab.Response { panic("this function ends in panic") }, head, body)
}

//go:wasmexport shout
func exportShout(head bluecrab.Pointer, _ uint32, body bluecrab.Pointer, _ uint32) bluecrab.Pointer {
	return bluecrab.Run(shout, head, body)
}

// The request head holds only the content type, so it can be used as the response head.
func echo(head, body []byte) bluecrab.Response {
	return bluecrab.Response{Status: 200, Head: head, Body: body}
}

func answerProduct(head, body []byte) bluecrab.Response {
	isNpy := strings.HasPrefix(strings.ToLower(contentType(head)), npyType)
	read := readJSONPair
	if isNpy {
		read = readNpyPair
	}
	one, two, err := read(body)
	if err != nil {
		return badRequest(err)
	}
	product, err := multiply(one, two)
	if err != nil {
		return badRequest(err)
	}
	if isNpy {
		return bluecrab.Typed(200, npyType, printNpy(product))
	}
	printed, err := printJSON(product)
	if err != nil {
		panic(err)
	}
	return bluecrab.Typed(200, "application/json", printed)
}

func contentType(head []byte) string {
	var request struct{ Headers [][2]string }
	if err := json.Unmarshal(head, &request); err != nil || len(request.Headers) == 0 {
		return ""
	}
	return request.Headers[0][1]
}

func badRequest(err error) bluecrab.Response {
	problem, _ := json.Marshal(map[string]any{
		"detail": err.Error(), "status": 400, "title": "Bad Request", "type": "about:blank",
	})
	return bluecrab.Typed(400, "application/problem+json", problem)
}

// Sends each message on in capital letters. A status from 400 on fails the invocation, and the body says why.
func shout(_, body []byte) bluecrab.Response {
	if len(body) == 0 {
		return bluecrab.Response{Status: 422, Body: []byte("the message is empty")}
	}
	for i, letter := range body {
		if 'a' <= letter && letter <= 'z' {
			body[i] = letter - 'a' + 'A'
		}
	}
	return bluecrab.Outputs(bluecrab.Output{Name: "shouted", Kind: "bytes", Content: body})
}
