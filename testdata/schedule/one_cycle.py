"""Prints what ScheduleTest and OptimizersTest expect of one cycle: PyTorch's OneCycleLR, in float64.

Run with torch 2.13; never run by a test.
"""

import torch
from torch.optim.lr_scheduler import OneCycleLR


def cycle(steps, optimizer_of, peak):
    """The optimizer before each of so many steps, its rate and momentum set."""
    optimizer = optimizer_of()
    schedule = OneCycleLR(optimizer, peak, steps)
    for step in range(steps):
        yield step, optimizer
        optimizer.step()
        if step < steps - 1:
            schedule.step()


def tables():
    for steps in (10, 7, 100):
        parameter = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        rates, momenta = [], []
        for _, optimizer in cycle(steps, lambda: torch.optim.SGD([parameter], momentum=0.5), 1.0):
            rates.append(f"{optimizer.param_groups[0]['lr']:.10g}")
            momenta.append(f"{optimizer.param_groups[0]['momentum']:.10g}")
        shown = range(steps) if steps < 100 else (0, 1, 15, 28, 29, 30, 31, 64, 98, 99)
        print(steps, "rates", ", ".join(rates[i] for i in shown))
        print(steps, "momenta", ", ".join(momenta[i] for i in shown))


def gradient(step, element):
    """Of every size that gradients have; exact in float32."""
    return ((7 * step + 5 * element) % 11 - 5) * 2.0 ** (-4 * element)


def trajectory(name, optimizer_of):
    matrix = torch.tensor([1, -2, 3, -0.5, 0.25, 0.125], dtype=torch.float64, requires_grad=True)
    bias = torch.tensor([0.5, -0.25, 1], dtype=torch.float64, requires_grad=True)
    for step, _ in cycle(10, lambda: optimizer_of(matrix, bias), 0.01):
        matrix.grad = torch.tensor([gradient(step, i) for i in range(6)], dtype=torch.float64)
        bias.grad = torch.tensor([gradient(step, i) for i in range(6, 9)], dtype=torch.float64)
    print(name, ", ".join(f"{x:.10g}" for x in [*matrix.tolist(), *bias.tolist()]))


def adamw(matrix, bias):
    groups = [{"params": [matrix], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, foreach=False)


def sgd(matrix, bias):
    return torch.optim.SGD([matrix, bias], momentum=0.9, nesterov=True)


tables()
trajectory("adamw", adamw)
trajectory("sgd", sgd)
