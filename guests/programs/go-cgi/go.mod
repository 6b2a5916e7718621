module statistics

go 1.24
