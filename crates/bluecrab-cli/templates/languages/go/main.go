// The functions of {{name}}.
package main

import (
	"encoding/json"
	"math"

	"functions/bluecrab"
)

func main() {}

//go:wasmexport statistics
func exportStatistics(head bluecrab.Pointer, _ uint32, body bluecrab.Pointer, _ uint32) bluecrab.Pointer {
	return bluecrab.Run(statistics, head, body)
}

// statistics answers `POST /api/statistics` with a list of numbers.
func statistics(_, body []byte) bluecrab.Response {
	var numbers []float64
	if err := json.Unmarshal(body, &numbers); err != nil {
		return answer(400, map[string]any{"detail": err.Error()})
	}
	if len(numbers) == 0 {
		return answer(400, map[string]any{"detail": "at least one number is needed"})
	}
	count, sum, squares := float64(len(numbers)), 0.0, 0.0
	for _, number := range numbers {
		sum += number
	}
	mean := sum / count
	for _, number := range numbers {
		squares += (number - mean) * (number - mean)
	}
	return answer(200, map[string]any{"count": len(numbers), "mean": mean, "deviation": math.Sqrt(squares / count)})
}

func answer(status int, value map[string]any) bluecrab.Response {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return bluecrab.Typed(status, "application/json", text)
}
