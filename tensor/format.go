package tensor

import "fmt"

// String prints the values of x [...] and its shape.
func (x *Tensor) String() string { return fmt.Sprintf("%v %v", x.Shape(), x.Floats()) }
