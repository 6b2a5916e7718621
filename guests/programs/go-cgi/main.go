// A CGI program as Go's documentation describes it: the handler of an ordinary HTTP server.
package main

import (
	"encoding/json"
	"log"
	"math"
	"net/http"
	"net/http/cgi"
)

func main() {
	if err := cgi.Serve(http.HandlerFunc(answer)); err != nil {
		log.Fatal(err)
	}
}

type statistics struct {
	Count     int     `json:"count"`
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"`
}

func answer(response http.ResponseWriter, request *http.Request) {
	var numbers []float64
	if err := json.NewDecoder(request.Body).Decode(&numbers); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	if len(numbers) == 0 {
		http.Error(response, "at least one number is needed", http.StatusBadRequest)
		return
	}
	response.Header().Set("Content-Type", "application/json")
	json.NewEncoder(response).Encode(describe(numbers))
}

func describe(numbers []float64) statistics {
	count, sum, squares := float64(len(numbers)), 0.0, 0.0
	for _, number := range numbers {
		sum += number
	}
	mean := sum / count
	for _, number := range numbers {
		squares += (number - mean) * (number - mean)
	}
	return statistics{len(numbers), mean, math.Sqrt(squares / count)}
}
