"""The demo's plate: a moving HDR picture, painted with NumPy, that belongs to nobody.

Late sun over a tiled yard with polished spheres. Everything is scene-linear light with Rec.709
primaries, diffuse white in the sun about 1.0, the sun itself and its reflections far above. Each
sphere is drawn only inside its rectangle on screen, far to near, with an analytic soft edge, so a
frame costs little and needs no supersampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, radians, sin, tan
from typing import Any

import numpy as np

__all__ = ["Plate", "render"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Plate:
    """One frame, scene-linear.

    Attributes
    ----------
    picture : numpy.ndarray, (H, W, 3), float32
        The scene with the foreground in front, with grain.
    foreground : numpy.ndarray, (H, W, 4), float32
        The green foreground alone, premultiplied, soft-edged.
    """

    picture: Array
    foreground: Array


@dataclass(frozen=True)
class _Sphere:
    """A sphere in metres; ``metal`` reflects in its colour, the others like varnish."""

    centre: tuple[float, float, float]
    radius: float
    colour: tuple[float, float, float]
    metal: bool = False
    gloss: float = 600.0


def _unit(vector: Array) -> Array:
    """Vectors of length 1."""
    return np.asarray(vector / np.sqrt(np.maximum(_dot(vector, vector), 1e-12))[..., None], np.float32)


def _dot(a: Array, b: Array) -> Array:
    """Scalar product over the last axis."""
    return np.asarray(a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2], np.float32)


def _vector(*values: float) -> Array:
    """A float32 vector."""
    return np.array(values, np.float32)


SUN = _unit(_vector(0.34, 0.135, 0.93))
SUN_LIGHT = _vector(3.1, 2.35, 1.45)  # irradiance of a surface that faces it, times 1/pi
SUN_DISC = _vector(900.0, 640.0, 330.0)  # radiance: real suns are far brighter, half floats end at 65504
ZENITH, HORIZON = _vector(0.035, 0.11, 0.34), _vector(0.52, 0.37, 0.27)
GROUND_BOUNCE = _vector(0.16, 0.13, 0.10)


def _power(base: Array, exponent: int) -> Array:
    """Whole powers by squaring, several times faster than ``**``."""
    result: Array | None = None
    while exponent:
        if exponent & 1:
            result = base if result is None else result * base
        exponent >>= 1
        base = base * base
    return np.asarray(1.0 if result is None else result)


def _sky(direction: Array) -> Array:
    """Radiance of the sky: gradient, glow around the sun, and the disc (half a degree, softened)."""
    up = np.clip(direction[..., 1], 0.0, 1.0)
    fade = np.square(np.square(1.0 - up))
    light = ZENITH + (HORIZON - ZENITH) * fade[..., None]
    towards = np.clip(_dot(direction, SUN), 0.0, 1.0)
    haze = np.exp(-9.0 * up)
    wide = _power(towards, 12)
    near = _power(wide, 12)
    glow = 0.55 * wide + 1.6 * near + 6.0 * _power(near, 16)
    light = light + (glow * (0.6 + 0.4 * haze))[..., None] * _vector(1.0, 0.72, 0.42)
    inside = towards > 0.99992
    if inside.any():
        light[inside] += np.clip((towards[inside] - 0.99992) / 0.00004, 0.0, 1.0)[..., None] * SUN_DISC
    return np.asarray(light, np.float32)


def _shade_of(point: Array, spheres: list[_Sphere]) -> tuple[Array, Array]:
    """How much of the sun, and of the sky, reaches points past the spheres (1: all)."""
    sun = np.ones(point.shape[:-1], np.float32)
    sky = np.ones(point.shape[:-1], np.float32)
    for sphere in spheres:
        across, up, away = (np.float32(sphere.centre[axis]) - point[..., axis] for axis in range(3))
        square = np.maximum(across * across + up * up + away * away, 1e-6)
        along = across * SUN[0] + up * SUN[1] + away * SUN[2]
        beside = np.sqrt(np.maximum(square - along * along, 0.0))
        penumbra = 0.04 + 0.1 * np.maximum(along, 0.0)
        lit = np.clip((beside - sphere.radius) / penumbra + 0.5, 0.0, 1.0)
        sun *= np.where(along > 0.0, lit * lit * (3.0 - 2.0 * lit), 1.0)
        facing = np.clip(up / np.sqrt(square), 0.0, 1.0)
        sky *= 1.0 - facing * np.minimum(sphere.radius**2 / square, 1.0)
    return sun, sky


def _tiles(x: Array, z: Array, footprint: Array) -> Array:
    """Checker of tiles, box-filtered over ``footprint`` so that it does not alias: -1 to 1."""

    def stripes(t: Array) -> Array:
        triangle = np.abs(np.mod(t - 0.5, 2.0) - 1.0)
        return np.asarray(triangle, np.float32)

    wide = np.maximum(footprint, 1e-3)
    across = (stripes(x + wide / 2) - stripes(x - wide / 2)) / wide
    along = (stripes(z + wide / 2) - stripes(z - wide / 2)) / wide
    return np.asarray(np.clip(across, -1, 1) * np.clip(along, -1, 1), np.float32)


def _ground(origin: Array, direction: Array, pixel: float, spheres: list[_Sphere], gloss: bool = True) -> Array:
    """Radiance of the yard where rays with a downward direction meet it, fading into haze."""
    distance = np.minimum(-origin[..., 1] / np.minimum(direction[..., 1], -1e-4), 400.0)
    point = origin + direction * distance[..., None]
    slope = np.maximum(-direction[..., 1], 0.02)
    checker = _tiles(point[..., 0] * 0.9, point[..., 2] * 0.9, pixel * distance / slope * 0.9)
    mottled = 0.04 * np.sin(point[..., 0] * 7.3 + 2.0 * np.sin(point[..., 2] * 3.1)) * np.exp(-distance / 9)
    albedo = (0.30 + 0.12 * checker + mottled)[..., None] * _vector(1.0, 0.93, 0.84)
    sun, sky = _shade_of(point, spheres)
    light = albedo * ((sun * 0.36)[..., None] * SUN_LIGHT + sky[..., None] * _vector(0.34, 0.40, 0.52))
    if gloss:
        mirrored = direction * _vector(1.0, -1.0, 1.0)
        fresnel = 0.03 + 0.5 * (1.0 - slope) ** 5
        sheen = np.clip(_dot(mirrored, SUN), 0.0, 1.0) ** 90 * sun * 5.0
        light = light + (fresnel * sky)[..., None] * HORIZON * 0.8
        light = light + (fresnel * sheen * (1.0 + 0.5 * checker))[..., None] * SUN_LIGHT
    haze = 1.0 - np.exp(-np.maximum(distance - 6.0, 0.0) / 38.0)
    return np.asarray(light + haze[..., None] * (HORIZON * 1.05 - light), np.float32)


def _reflected(origin: Array, direction: Array, pixel: float, others: list[_Sphere]) -> Array:
    """Radiance that comes along a mirrored ray: sky, yard, and the other spheres in flat light."""
    light = _sky(direction)
    down = direction[..., 1] < -1e-3
    if down.any():
        light[down] = _ground(origin[down], direction[down], pixel * 2, others, gloss=False)
    for sphere in others:
        offset = _vector(*sphere.centre) - origin
        along = _dot(offset, direction)
        beside = _dot(offset, offset) - along**2
        hit = (along > 0.0) & (beside < sphere.radius**2)
        if hit.any():
            near = along[hit] - np.sqrt(sphere.radius**2 - beside[hit])
            normal = (direction[hit] * near[..., None] - offset[hit]) / sphere.radius
            light[hit] = _diffuse(normal, np.float32(1.0), _vector(*sphere.colour))
    return light


def _diffuse(normal: Array, sun: Array | np.float32, colour: Array) -> Array:
    """Radiance of a matt surface in sun and sky."""
    direct = np.maximum(_dot(normal, np.broadcast_to(SUN, normal.shape)), 0.0) * sun
    up = normal[..., 1:2] * 0.5 + 0.5
    ambient = GROUND_BOUNCE + (_vector(0.36, 0.42, 0.54) - GROUND_BOUNCE) * up
    return np.asarray(colour * (direct[..., None] * SUN_LIGHT + ambient), np.float32)


def _surface(sphere: _Sphere, point: Array, normal: Array, ray: Array, pixel: float, others: list[_Sphere]) -> Array:
    """Radiance of a sphere towards the camera."""
    sun, sky = _shade_of(point + normal * 1e-3, others)
    facing = np.clip(-_dot(normal, ray), 0.0, 1.0)
    mirrored = ray + normal * (2.0 * facing)[..., None]
    colour = _vector(*sphere.colour)
    sky = sky * (0.45 + 0.55 * np.clip(point[..., 1] / (2 * sphere.radius), 0.0, 1.0))
    image = _reflected(point, mirrored, pixel, others) * (0.35 + 0.65 * sky)[..., None]
    base = 0.6 if sphere.metal else 0.04
    fresnel = (base + (1.0 - base) * (1.0 - facing) ** 5)[..., None]  # Schlick 1994
    if sphere.metal:
        return np.asarray(image * (colour * (1 - fresnel) + fresnel) * 0.92 * (0.4 + 0.6 * colour), np.float32)
    half = _unit(SUN - ray)
    lobe = np.clip(_dot(normal, half), 0.0, 1.0) ** sphere.gloss * (sphere.gloss + 8.0) / 8.0  # Blinn-Phong
    spark = (lobe * sun * 0.04)[..., None] * SUN_LIGHT
    matt = _diffuse(normal, sun, colour) * (0.3 + 0.7 * sky)[..., None]
    return np.asarray(matt * (1 - fresnel) + fresnel * np.minimum(image, 40.0) + spark, np.float32)


def _scene(time: float) -> list[_Sphere]:
    """The spheres at a time from 0 to 1; one of them bounces, one rolls."""
    bounce = 0.42 + 1.15 * abs(sin(2 * pi * time + 0.5))
    return [
        _Sphere((-1.75, 1.0, 1.5), 1.0, (0.52, 0.10, 0.05), gloss=400.0),
        _Sphere((0.75, 0.85, 0.9), 0.85, (0.92, 0.93, 0.95), metal=True),
        _Sphere((2.75, 0.6, 0.2), 0.6, (1.0, 0.72, 0.30), metal=True),
        _Sphere((-0.55 + 0.5 * time, 0.42, -0.9), 0.42, (0.03, 0.12, 0.42), gloss=1500.0),
        _Sphere((-3.4, 0.62, 0.1), 0.62, (0.78, 0.76, 0.72), gloss=60.0),
        _Sphere((3.0, bounce, 3.6), 0.42, (0.80, 0.52, 0.05), gloss=900.0),
        _Sphere((-4.6, 1.3, 6.5), 1.3, (0.06, 0.28, 0.24), gloss=300.0),
        _Sphere((1.5, 0.24, -1.5), 0.24, (0.60, 0.05, 0.16), gloss=2000.0),
    ]


class _Camera:
    """Where the rays come from: a slow move to the right that keeps looking at the spheres."""

    def __init__(self, time: float, width: int, height: int) -> None:
        swing = radians(-11.0 + 12.0 * time)
        self.position = _vector(7.2 * sin(swing) + 0.2, 1.55 + 0.15 * time, -6.6 * cos(swing))
        forward = _unit(_vector(0.35, 1.42, 1.0) - self.position)
        right = _unit(np.cross(_vector(0, 1, 0), forward).astype(np.float32))
        self.axes = np.stack([right, np.cross(forward, right).astype(np.float32), forward])
        self.zoom = 0.5 / tan(radians(23.0))  # 46 degrees across
        self.width, self.height = width, height
        self.pixel = 1.0 / (width * self.zoom)

    def rays(self, left: int, top: int, right: int, bottom: int) -> Array:
        """Unit directions through the centres of the pixels of a rectangle."""
        across = (np.arange(left, right, dtype=np.float32) + 0.5 - self.width / 2) / (self.width * self.zoom)
        down = (np.arange(top, bottom, dtype=np.float32) + 0.5 - self.height / 2) / (self.width * self.zoom)
        plane = np.empty((bottom - top, right - left, 3), np.float32)
        plane[...] = self.axes[2] + across[None, :, None] * self.axes[0]
        plane -= down[:, None, None] * self.axes[1]
        return _unit(plane)

    def rectangle(self, centre: Array, radius: float) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of a sphere on screen, clipped; empty when it is outside."""
        x, y, depth = (float(value) for value in self.axes @ (centre - self.position))
        if depth <= radius * 1.1:
            return 0, 0, 0, 0
        scale = self.width * self.zoom / depth
        reach = radius * scale * 1.25 + 3.0
        column, row = self.width / 2 + x * scale, self.height / 2 - y * scale
        left, right = max(0, int(column - reach)), min(self.width, int(column + reach) + 1)
        top, bottom = max(0, int(row - reach)), min(self.height, int(row + reach) + 1)
        return (left, top, right, bottom) if left < right and top < bottom else (0, 0, 0, 0)


def _draw(picture: Array, camera: _Camera, sphere: _Sphere, others: list[_Sphere], soft: float = 1.0) -> None:
    """Composite one sphere over ``picture`` (RGB or premultiplied RGBA); ``soft`` is its edge in pixels."""
    centre = _vector(*sphere.centre)
    left, top, right, bottom = camera.rectangle(centre, sphere.radius)
    if left == right:
        return
    ray = camera.rays(left, top, right, bottom)
    offset = centre - camera.position
    along = _dot(ray, np.broadcast_to(offset, ray.shape))
    beside = np.sqrt(np.maximum(float(offset @ offset) - along**2, 0.0))
    blur = camera.pixel * along * soft
    cover = np.clip((sphere.radius - beside) / blur + 0.5, 0.0, 1.0)
    cover = cover * cover * (3.0 - 2.0 * cover)
    near = along - np.sqrt(np.maximum(sphere.radius**2 - beside**2, 0.0))
    point = camera.position + ray * near[..., None]
    normal = _unit(point - centre)
    light = _surface(sphere, point, normal, ray, camera.pixel, others)
    window = picture[top:bottom, left:right]
    window *= (1.0 - cover)[..., None]
    window[..., :3] += light * cover[..., None]
    if window.shape[-1] == 4:
        window[..., 3] += cover


def _background(camera: _Camera, spheres: list[_Sphere]) -> Array:
    """Sky and yard."""
    ray = camera.rays(0, 0, camera.width, camera.height)
    picture = _sky(ray)
    below = np.clip(0.5 - ray[..., 1] / camera.pixel, 0.0, 1.0)
    rows = np.flatnonzero(below.max(axis=1) > 0)
    if rows.size:
        part = slice(int(rows[0]), camera.height)
        origin = np.broadcast_to(camera.position, ray[part].shape)
        ground = _ground(origin, ray[part], camera.pixel, spheres)
        picture[part] += below[part, :, None] * (ground - picture[part])
    return picture


def _grain(picture: Array, seed: int) -> None:
    """Add film grain in place: deviation grows with the root of the light, as photon noise does."""
    noise = np.asarray(np.random.default_rng(seed).standard_normal(picture.shape, np.float32))
    noise[:, 1:] = 0.8 * noise[:, 1:] + 0.45 * noise[:, :-1]
    light = np.maximum(picture, 0.0)
    picture += noise * (0.0035 + 0.012 * np.sqrt(np.minimum(light, 1.0)))
    np.maximum(picture, 0.0, out=picture)


def render(time: float, width: int, height: int, *, seed: int = 0) -> Plate:
    """The plate at ``time`` (0 to 1 over the shot).

    Parameters
    ----------
    time : float
        Position in the shot.
    width, height : int
        Size in pixels.
    seed : int
        Of the grain: the frame number, so that grain moves and every run gives the same bytes.

    Examples
    --------
    >>> plate = render(0.5, 64, 36)
    >>> plate.picture.shape, plate.foreground.shape, bool(plate.picture.max() > 4)
    ((36, 64, 3), (36, 64, 4), True)
    """
    camera = _Camera(time, width, height)
    spheres = _scene(time)
    picture = _background(camera, spheres)
    depth = {sphere: float(np.linalg.norm(_vector(*sphere.centre) - camera.position)) for sphere in spheres}
    for sphere in sorted(spheres, key=lambda one: -depth[one]):
        _draw(picture, camera, sphere, [other for other in spheres if other is not sphere])
    near = camera.position + camera.axes.T @ _vector(-0.95 + 0.9 * time, -0.36 + 0.06 * sin(4 * pi * time), 2.6)
    ball = _Sphere((float(near[0]), float(near[1]), float(near[2])), 0.2, (0.05, 0.55, 0.08), gloss=40.0)
    foreground = np.zeros((height, width, 4), np.float32)
    _draw(foreground, camera, ball, spheres, soft=width / 45)
    picture *= 1.0 - foreground[..., 3:]
    picture += foreground[..., :3]
    _grain(picture, seed)
    return Plate(picture, foreground)
