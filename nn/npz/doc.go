// Package npz reads and writes NumPy's .npz files: named arrays in a zip archive, each
// in the .npy format.
//
//	err := npz.WriteFile("model.npz", []npz.Array{{Name: "W", X: w}})
//	arrays, err := npz.ReadFile(be, "model.npz")
//
// np.load reads what is written here, and np.savez and np.savez_compressed write what
// is read. Elements are float32, or what [tensor.ReadNpy] makes float32 of.
package npz
